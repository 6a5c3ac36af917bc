"""The teacher-student network in ball arithmetic: docs/theorem/teacher.md."""
