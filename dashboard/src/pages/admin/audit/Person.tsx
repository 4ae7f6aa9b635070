import { t } from "@lingui/core/macro";
import { useUser } from "../users/users";

const ADMIN_KEY = "admin-key";
const TERMINAL = "terminal:";

/** Who somebody is: their address, once it is known. */
export function Person({ id }: { id: string }) {
  if (id === ADMIN_KEY) return t`The admin key`;
  if (id.startsWith(TERMINAL)) return t`${{ name: id.slice(TERMINAL.length) }}, at a terminal`;
  return <Address id={id} />;
}

function Address({ id }: { id: string }) {
  const user = useUser(id);
  return user.data?.email ?? id; // of somebody who is not there any more, the id is all there is
}
