import sys

from transformers import AutoModelForTokenClassification, Trainer, TrainingArguments

model = AutoModelForTokenClassification.from_pretrained(sys.argv[1], num_labels=5)
trainer = Trainer(model=model, args=TrainingArguments("out"), train_dataset=load())
trainer.train()
