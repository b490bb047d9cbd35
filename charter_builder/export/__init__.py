"""Documents and tables, in the formats that people open: values in, bytes out."""
