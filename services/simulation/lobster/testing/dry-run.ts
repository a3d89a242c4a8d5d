import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDay, surveyDay, type DayFiles, type DaySurvey } from '../day-files.js';
import { OrderDesk } from '../order-desk.js';
import { DayPlan } from '../plan-day.js';
import { partiesOf } from '../replay-profile.js';
import { RowChecker, type ReplayTotals } from '../row-checker.js';
import { FakeVenue } from './fake-venue.js';

/** Writes the two files of a day into a folder that is removed after `use`. */
export const withDayFiles = async <Value>(
  day: { readonly messages: string | Uint8Array; readonly orderbook: string | Uint8Array },
  use: (files: DayFiles) => Promise<Value>,
): Promise<Value> => {
  const dir = mkdtempSync(join(tmpdir(), 'fulltape-day-'));
  const files = {
    messages: join(dir, 'TEST_2012-06-21_34200000_57600000_message_5.csv'),
    orderbook: join(dir, 'TEST_2012-06-21_34200000_57600000_orderbook_5.csv'),
  };
  try {
    writeFileSync(files.messages, day.messages);
    writeFileSync(files.orderbook, day.orderbook);
    return await use(files);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
};

/** Plans and checks a day against `FakeVenue`: the whole replay without servers. */
export const dryRun = async (
  files: DayFiles,
  venue: FakeVenue = new FakeVenue(),
): Promise<{ readonly survey: DaySurvey; readonly totals: ReplayTotals; readonly commands: number }> => {
  const survey = await surveyDay(files);
  const plan = new DayPlan(new OrderDesk(partiesOf(0n), survey.priceUnit), survey.ahead, 0n);
  const checker = new RowChecker(survey.priceUnit);
  let commands = 0;
  for await (const block of readDay(files)) {
    for (const { message, row } of block) {
      const planned = plan.next(message, row);
      checker.expect(planned);
      commands += planned.commands.length;
      for (const command of planned.commands) venue.execute(command, checker);
    }
  }
  return { survey, totals: checker.totals, commands };
};
