/**
 * How parameters are drawn: `"pytorch"`, the default of PyTorch's layers, uniform within ±1/√fanIn, weights and biases;
 * `"kaiming"`, weights normal with deviation √(2/fanIn), biases 0 (He et al., 2015); `"xavier"`, weights uniform within
 * ±√(6/(fanIn+fanOut)), biases 0 (Glorot and Bengio, 2010).
 */
export type Initializer = "pytorch" | "kaiming" | "xavier";
