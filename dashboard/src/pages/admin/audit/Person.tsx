import { t } from "@lingui/core/macro";
import { Unspaced } from "@/kit/Unspaced";
import { useNameOf } from "../users/users";

const ADMIN_KEY = "admin-key";
const TERMINAL = "terminal:";

/** Who somebody is: their address or an organisation's name, once it is known. */
export function Person({ id }: { id: string }) {
  if (id === ADMIN_KEY) return t`The admin key`;
  if (id.startsWith(TERMINAL)) return t`${{ name: id.slice(TERMINAL.length) }}, at a terminal`;
  return <Named id={id} />;
}

function Named({ id }: { id: string }) {
  return <Unspaced text={useNameOf(id)} />;
}
