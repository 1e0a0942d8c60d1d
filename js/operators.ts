/** The operators of the compact engine by domain, and those that are rewritten for it. Written by tests/compact_operators.rs. */
export const OPERATORS: Readonly<Record<string, string>> = {
  "":
    "Abs Add And ArgMax ArgMin Cast Clip Concat Constant ConstantOfShape Cos CumSum Div Elu " +
    "Equal Exp Flatten Floor Gather GatherElements Gemm Greater GreaterOrEqual Identity IsNaN " +
    "LeakyRelu Less LessOrEqual Log LogSoftmax MatMul Max Mean Min Mul Neg Not Or Pow Reciprocal " +
    "ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd " +
    "ReduceSum ReduceSumSquare Relu Reshape Scan SequenceConstruct Shape Sigmoid Sign Sin Slice " +
    "Softmax Softplus Split Sqrt Squeeze StringNormalizer Sub Sum Tanh TfIdfVectorizer TopK " +
    "Transpose Unsqueeze Where Xor",
  "ai.onnx.ml":
    "ArrayFeatureExtractor Binarizer DictVectorizer FeatureVectorizer Imputer LabelEncoder " +
    "LinearClassifier LinearRegressor Normalizer OneHotEncoder SVMClassifier SVMRegressor Scaler " +
    "TreeEnsemble TreeEnsembleClassifier TreeEnsembleRegressor ZipMap",
  "com.microsoft": "CDist StringNormalizer Tokenizer",
};
