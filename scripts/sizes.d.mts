export function sizes(dist: string): { page: number; worker: number };
export const LIMITS: { page: number; worker: number };
