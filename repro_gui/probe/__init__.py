"""What this machine does with the operations of deep learning."""
