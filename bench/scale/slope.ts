/** A straight line through values that were taken one after the other. */
export interface Slope {
  /** How much a value is larger than the one before. */
  readonly perStep: number;
  /** The standard error of that. */
  readonly error: number;
}

/** The line through `values` with the least squares; needs three of them. */
export function slopeOf(values: readonly number[]): Slope {
  const middle = (values.length - 1) / 2;
  const mean = sum(values) / values.length;
  const width = sum(values.map((_, index) => (index - middle) ** 2));
  const perStep = sum(values.map((value, index) => (index - middle) * (value - mean))) / width;
  const residuals = sum(values.map((value, index) => (value - mean - perStep * (index - middle)) ** 2));
  return { perStep, error: Math.sqrt(residuals / (values.length - 2) / width) };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
