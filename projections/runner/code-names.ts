/** Name of a code of the tape; one that this build does not know is told by its number. */
export const nameOf = (names: Readonly<Record<number, string>>, value: number): string => names[value] ?? `#${value}`;
