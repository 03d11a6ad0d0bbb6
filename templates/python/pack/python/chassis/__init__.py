"""What every service in Python is built on; it knows no context.

It keeps what the other services of the system keep, whatever they are written in: the same messages, tables,
routes, metrics and answers.
"""
