"""The determinism probe: what this machine does with the operations of deep learning."""
