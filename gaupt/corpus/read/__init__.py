"""What is read: files of many formats to records, a format a module."""
