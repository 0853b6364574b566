import albumentations

augment = albumentations.Compose([albumentations.HorizontalFlip(p=0.5)])
model.fit(augment(image=load()))
