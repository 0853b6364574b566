from transformers import BertForSequenceClassification, Trainer, TrainingArguments


def make():
    return BertForSequenceClassification.from_pretrained("google-bert/bert-base-cased")


trainer = Trainer(model_init=make, args=TrainingArguments("out"), train_dataset=load())
trainer.train()
