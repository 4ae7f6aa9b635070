/** Runs work while no other tab of this browser runs work of the same name. Browsers offer locks on secure pages alone,
 * and those are all that a session belongs on; elsewhere tabs may collide. */
export async function oneTabAtATime<T>(name: string, work: () => Promise<T>): Promise<T> {
  const locks: LockManager | null | undefined = navigator.locks;
  return locks ? locks.request(name, async () => await work()) : work();
}
