/** The numbers that `1-3, 6` stands for. */
export function sequencesOf(text: string): number[] {
  return text
    .split(', ')
    .filter(Boolean)
    .flatMap((part) => {
      const [first = 0, last = first] = part.split('-').map(Number)
      return Array.from({ length: last - first + 1 }, (_, index) => first + index)
    })
}
