import { z } from 'zod';

/**
 * Answer to `repairSubject`: the orders process of a shard that refuses to write, because the broker lost the end of the tape, publishes
 * again from the journal what was lost. Only a process in the state `rolledBack` answers.
 */
export const repairAnswerSchema = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('repaired'),
    nodeId: z.string(),
    /** Commits that were published again; decimal strings, '0' when there were none. */
    firstCommitNumber: z.string(),
    lastCommitNumber: z.string(),
    commits: z.number().int(),
    headHash: z.string(),
    stateHash: z.string(),
  }),
  z.object({ status: z.literal('refused'), nodeId: z.string(), code: z.string(), message: z.string() }),
]);
export type RepairAnswer = z.output<typeof repairAnswerSchema>;
