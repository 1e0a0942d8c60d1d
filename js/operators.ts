/** The operators of the compact engine by domain, and those that are rewritten for it. Written by tests/compact_operators.rs. */
export const OPERATORS: Readonly<Record<string, string>> = {
  "":
    "Abs Add And ArgMax ArgMin Cast CastLike Clip Compress Concat Constant ConstantOfShape Cos " +
    "CumProd CumSum Div Dropout Elu Equal Erf Exp Expand EyeLike Flatten Floor Gather " +
    "GatherElements GatherND Gemm Greater GreaterOrEqual Hardmax Identity If IsInf IsNaN " +
    "LeakyRelu Less LessOrEqual Log LogSoftmax MatMul Max Mean Min Mod Mul Neg NonZero Not Or " +
    "Pow Range Reciprocal ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean " +
    "ReduceMin ReduceProd ReduceSum ReduceSumSquare Relu Reshape Scan Scatter ScatterElements " +
    "ScatterND SequenceConstruct Shape Sigmoid Sign Sin Size Slice Softmax Softplus Split Sqrt " +
    "Squeeze StringNormalizer StringSplit Sub Sum Tanh TfIdfVectorizer ThresholdedRelu Tile TopK " +
    "Transpose Unsqueeze Where Xor",
  "ai.onnx.ml":
    "ArrayFeatureExtractor Binarizer DictVectorizer FeatureVectorizer Imputer LabelEncoder " +
    "LinearClassifier LinearRegressor Normalizer OneHotEncoder SVMClassifier SVMRegressor Scaler " +
    "TreeEnsemble TreeEnsembleClassifier TreeEnsembleRegressor ZipMap",
  "com.microsoft": "CDist FusedMatMul MurmurHash3 StringNormalizer Tokenizer",
};
