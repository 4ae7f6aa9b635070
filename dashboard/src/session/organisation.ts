const STORED_AS = "farebox.organisation.";

/**
 * Which organisation this tab works on: `null` is the person's own. A tab keeps its choice when it is loaded anew, a new
 * tab begins with the latest one of this browser, and each person who signs in here has a choice of their own.
 */
class ChosenOrganisation {
  private user: string | null = null;
  private chosen: string | null = null;
  private isPaused = false;
  private listeners = new Set<() => void>();

  readonly id = (): string | null => (this.isPaused ? null : this.chosen);

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Whose choice it is: of nobody, where nobody is signed in. */
  ofPerson(user: string | null): void {
    if (user === this.user) return;
    this.user = user;
    this.set(user === null ? null : read(user));
  }

  /** Work on another from now on. */
  choose(id: string | null): void {
    if (this.user === null) return;
    for (const storage of [sessionStorage, localStorage]) storage.setItem(STORED_AS + this.user, id ?? "");
    this.set(id);
  }

  /** Work on the personal one for a while, whatever is chosen. */
  pause(isPaused: boolean): void {
    this.isPaused = isPaused;
    for (const listener of this.listeners) listener();
  }

  private set(id: string | null): void {
    if (this.chosen === id) return;
    this.chosen = id;
    for (const listener of this.listeners) listener();
  }
}

function read(user: string): string | null {
  const name = STORED_AS + user;
  return (sessionStorage.getItem(name) ?? localStorage.getItem(name)) || null;
}

export const organisation = new ChosenOrganisation();
