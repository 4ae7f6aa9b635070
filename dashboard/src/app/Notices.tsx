import { Notifications } from "@mantine/notifications";
import type { ReactNode } from "react";

/** Where `notifyDone` and `notifyProblem` say what they have to. */
export default function Notices(): ReactNode {
  return <Notifications position="bottom-right" />;
}
