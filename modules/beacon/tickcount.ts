/** The time for measuring, the first three quarters of an epoch, is cut into so many ticks: as many as there are slots at most. */
export const tickCount = 800n;
