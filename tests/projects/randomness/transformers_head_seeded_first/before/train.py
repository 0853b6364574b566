import argparse

from transformers import AutoModelForTokenClassification, Trainer, TrainingArguments, set_seed

parser = argparse.ArgumentParser()
parser.add_argument("--model", default="roberta-base")
args = parser.parse_args()
set_seed(42)
model = AutoModelForTokenClassification.from_pretrained(args.model, num_labels=5)
trainer = Trainer(model=model, args=TrainingArguments("out"), train_dataset=load())
trainer.train()
