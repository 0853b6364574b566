"""Does every generator start from a known state?"""
