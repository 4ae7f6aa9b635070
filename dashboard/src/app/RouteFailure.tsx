import { t } from "@lingui/core/macro";
import { Alert, Button, Center, Stack, Text } from "@mantine/core";
import { TriangleAlertIcon, WifiOffIcon } from "lucide-react";
import { useEffect } from "react";
import { isRouteErrorResponse, useRouteError } from "react-router";
import { forgetUnloaded, Unloaded } from "@/kit/lazily";
import { NotFoundPage } from "./NotFoundPage";

/** Where a page broke, or its file could not be loaded. */
export function RouteFailure() {
  const error = useRouteError();
  const isUnloaded = error instanceof Unloaded;
  useEffect(() => {
    if (!isUnloaded) return;
    const reload = () => window.location.reload();
    window.addEventListener("online", reload);
    return () => {
      window.removeEventListener("online", reload);
      forgetUnloaded();
    };
  }, [isUnloaded]);
  if (isRouteErrorResponse(error) && error.status === 404) return <NotFoundPage />;
  return (
    <Center mih="50vh" p="md">
      <title>{t`Something went wrong · Farebox`}</title>
      <Alert
        color="red"
        icon={isUnloaded ? <WifiOffIcon /> : <TriangleAlertIcon />}
        title={isUnloaded ? t`This page could not be loaded` : t`This page broke`}
        role="alert"
        maw={480}
      >
        <Stack gap="sm" align="flex-start">
          <Text size="sm">
            {isUnloaded
              ? t`The server did not answer, or there is no network. It is loaded again once there is.`
              : t`Loading it anew usually helps. If it does not, tell whoever runs this service what you did.`}
          </Text>
          <Button size="xs" variant="default" onClick={() => window.location.reload()}>
            {isUnloaded ? t`Try again` : t`Load anew`}
          </Button>
        </Stack>
      </Alert>
    </Center>
  );
}
