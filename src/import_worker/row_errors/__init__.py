"""What is wrong with rows: the types of errors, the sentences that people read, and the frame that errors travel in.

All code that finds, reads or shows errors takes error types, sentences and the mask from here.
"""
