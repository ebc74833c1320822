"""The wake word: two published model families, and the decision made from their scores."""
