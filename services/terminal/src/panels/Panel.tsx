import type { ReactNode } from 'react';

/** A named place of the desk with an optional title line. */
export const Panel = ({
  place,
  title,
  actions,
  children,
  label,
}: {
  readonly place: string;
  readonly label: string;
  readonly title?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}) => (
  <section className="panel" data-panel={place} data-testid={`panel-${place}`} aria-label={label}>
    {title === undefined ? null : (
      <header className="flex h-9 flex-none items-center justify-between gap-2 border-b border-line px-3">
        <div className="flex min-w-0 items-center gap-3 text-xs font-medium text-soft">{title}</div>
        {actions}
      </header>
    )}
    {children}
  </section>
);

export const Empty = ({ children }: { readonly children: ReactNode }) => (
  <p className="flex flex-1 items-center justify-center px-6 py-5 text-center text-faint">{children}</p>
);

export const toneOf = (value: bigint | null): string =>
  value === null || value === 0n ? 'text-soft' : value > 0n ? 'text-up' : 'text-down';
