"""Tokens of clouds and services without their command line programs: plain HTTP requests in a helper process."""
