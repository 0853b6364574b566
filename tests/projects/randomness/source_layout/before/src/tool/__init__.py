from .seeding import seed_all
