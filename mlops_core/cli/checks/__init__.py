"""What ``mlops doctor`` looks at, one module a subject."""
