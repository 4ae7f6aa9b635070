import { Route, Routes } from "react-router";
import { NotFoundPage } from "@/app/NotFoundPage";
import { UserList } from "./UserList";
import { UserPage } from "./UserPage";
import { UserRequestPage } from "./UserRequestPage";

export default function UsersPage() {
  return (
    <Routes>
      <Route index element={<UserList />} />
      <Route path=":id/requests/:request" element={<UserRequestPage />} />
      <Route path=":id" element={<UserPage />} />
      <Route path="*" element={<NotFoundPage />} />
    </Routes>
  );
}
