"""Was it shown by running it?"""
