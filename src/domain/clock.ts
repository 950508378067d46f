/** Where every instant of the store comes from; inject one to make time stand still. */
export type Clock = () => Date

export const systemClock: Clock = () => new Date()
