import { Alert, Button, Center, Stack, Text } from "@mantine/core";
import { TriangleAlertIcon } from "lucide-react";
import { isRouteErrorResponse, useRouteError } from "react-router";
import { NotFoundPage } from "./NotFoundPage";

/** Where a page broke, or its files could not be loaded: after a deploy, those of yesterday are gone. */
export function RouteFailure() {
  const error = useRouteError();
  if (isRouteErrorResponse(error) && error.status === 404) return <NotFoundPage />;
  return (
    <Center mih="50vh" p="md">
      <title>Something went wrong · Farebox</title>
      <Alert color="red" icon={<TriangleAlertIcon />} title="This page broke" role="alert" maw={480}>
        <Stack gap="sm" align="flex-start">
          <Text size="sm">There may be a newer version of the dashboard. Loading it anew usually helps.</Text>
          <Button size="xs" variant="default" onClick={() => window.location.reload()}>
            Load anew
          </Button>
        </Stack>
      </Alert>
    </Center>
  );
}
