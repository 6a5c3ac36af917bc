"""The teacher-student ReLU network with standard Gaussian input (Safran & Shamir 2018)."""
