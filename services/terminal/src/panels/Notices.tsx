import { useEffect } from 'react';
import type { Notice } from '../store/terminal-state.js';
import { dispatch, useTerminal } from '../store/terminal-store.js';

const shownMs = 4_500;
const tones = { good: 'border-l-up', bad: 'border-l-down', plain: 'border-l-accent' } as const;

const Item = ({ notice }: { readonly notice: Notice }) => {
  useEffect(() => {
    const timer = setTimeout(() => dispatch({ type: 'notice-closed', key: notice.key }), notice.tone === 'bad' ? shownMs * 2 : shownMs);
    return () => clearTimeout(timer);
  }, [notice]);
  return (
    <li
      className={`pointer-events-auto rounded-md border border-edge border-l-2 bg-raised px-3.5 py-2.5 shadow-2xl ${tones[notice.tone]}`}
      data-testid="notice"
    >
      <p className="text-xs font-semibold">{notice.title}</p>
      <p className="text-xs text-soft">{notice.detail}</p>
    </li>
  );
};

export const Notices = () => {
  const notices = useTerminal((state) => state.notices);
  return (
    <ol
      aria-live="polite"
      className="pointer-events-none fixed bottom-4 left-4 z-50 flex w-80 max-w-[calc(100vw-2rem)] flex-col gap-2 max-md:bottom-16"
    >
      {notices.map((notice) => (
        <Item key={notice.key} notice={notice} />
      ))}
    </ol>
  );
};
