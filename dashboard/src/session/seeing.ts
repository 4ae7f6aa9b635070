import { organisation } from "./organisation";

/** A view of somebody's account, for an operator: the server's pass, and until when it works. */
export interface Sight {
  pass: string;
  uid: string;
  email: string;
  endsAt: number;
}

/** As whom this tab sees the dashboard. It is in memory alone: a page that is loaded anew is one's own. */
class Seeing {
  private current: Sight | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private listeners = new Set<() => void>();

  readonly sight = (): Sight | null => this.current;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  begin(sight: Sight): void {
    this.timer = setTimeout(() => this.end(), sight.endsAt - Date.now());
    this.set(sight);
  }

  /** One sees one's own again. */
  readonly end = (): void => this.set(null);

  private set(sight: Sight | null): void {
    if (sight === null) clearTimeout(this.timer);
    this.current = sight;
    organisation.pause(sight !== null); // the user's own is what one sees
    for (const listener of this.listeners) listener();
  }
}

export const seeing = new Seeing();
