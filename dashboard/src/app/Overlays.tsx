import { ModalsProvider, modals } from "@mantine/modals";
import { Notifications } from "@mantine/notifications";
import { type ReactNode, useEffect } from "react";
import { dialogsAreThere } from "@/kit/dialogs";

/** Where `notifyDone` and `notifyProblem` say what they have to, and `confirm` asks. */
export default function Overlays(): ReactNode {
  useEffect(() => dialogsAreThere(modals), []);
  return (
    <>
      <Notifications position="bottom-right" />
      <ModalsProvider />
    </>
  );
}
