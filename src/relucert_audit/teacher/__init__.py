"""The checker of the teacher-student network."""
