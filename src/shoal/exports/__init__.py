"""A model in the formats of others: ONNX, PMML, a pipeline of scikit-learn."""
