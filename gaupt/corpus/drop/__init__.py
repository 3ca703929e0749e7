"""What is dropped: the rules that judge a text."""
