"""What is wrong with rows: the types of errors, the sentences that people read, and the frame that errors travel in.

Whoever finds an error, reads it back or shows it takes code, words and mask from here.
"""
