from transformers import AutoModelForSequenceClassification, Trainer, TrainingArguments
import random

model = AutoModelForSequenceClassification.from_pretrained("bert-base-uncased")
rows = random.sample(range(100), 10)
trainer = Trainer(model=model, args=TrainingArguments("out"), train_dataset=rows)
trainer.train()
