"""The files about the teacher-student problem, docs/spec/certificate-v1.md."""
