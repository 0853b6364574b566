import albumentations
import gymnasium as gym

augment = albumentations.Compose(
    [albumentations.OneOf([albumentations.HorizontalFlip(p=0.5), albumentations.VerticalFlip(p=0.5)])],
    seed=42,
)
env = gym.make("CartPole-v1")
observation, _ = env.reset(seed=42)
model.learn(augment(image=observation))
