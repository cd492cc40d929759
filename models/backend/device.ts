/** A WebGPU adapter as found. */
export interface Device {
  /** The driver's name for it. */
  readonly description: string;
  /** The maker, as the driver gives it: a name or a PCI number. */
  readonly vendor: string;
  /** The family of chips, if the driver tells. */
  readonly architecture: string;
  /** Whether it is a program on the CPU, such as Mesa's lavapipe. */
  readonly software: boolean;
  /**
   * Whether it computes through OpenGL, as in Deno on Linux without a Vulkan driver: it takes minutes to compile what Vulkan,
   * Metal and Direct3D compile in seconds.
   */
  readonly opengl: boolean;
  /** Its limits, in WebGPU's names and units. */
  readonly limits: Readonly<Record<string, number>>;
  /** Its optional features, sorted. */
  readonly features: readonly string[];
}
