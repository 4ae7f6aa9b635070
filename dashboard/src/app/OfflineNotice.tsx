import { Trans } from "@lingui/react/macro";
import { onlineManager } from "@tanstack/react-query";
import { WifiOffIcon } from "lucide-react";
import { useSyncExternalStore } from "react";
import classes from "./OfflineNotice.module.css";

const subscribe = (listener: () => void) => onlineManager.subscribe(listener);

/** Says that there is no network, for as long as there is none. What is shown is read again when it is back. */
export function OfflineNotice() {
  const isOnline = useSyncExternalStore(subscribe, () => onlineManager.isOnline());
  return (
    <div role="status">
      {!isOnline && (
        <p className={classes.notice}>
          <Trans>
            <WifiOffIcon size={17} aria-hidden />
            You are offline. What you see may be old; it is read again when you are back.
          </Trans>
        </p>
      )}
    </div>
  );
}
