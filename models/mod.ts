/** Models as pure builder functions: what is computed. @module */
export {};
