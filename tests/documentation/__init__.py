"""The model as a page: complete, in words, and drawn without a line through a word."""
