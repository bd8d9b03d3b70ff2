// Shows what the payroll engine does, as it does it.
const list = document.getElementById("live");
const state = document.getElementById("live-state");
const address = new URL("live", document.baseURI);
address.protocol = "wss:";

const tell = (text, kind) => {
  state.textContent = text;
  state.className = `badge ${kind}`;
};

const socket = new WebSocket(address);
socket.addEventListener("open", () => tell("Connected", "good"));
socket.addEventListener("close", () => tell("Disconnected", "bad"));
socket.addEventListener("message", ({ data }) => {
  const { number, text } = JSON.parse(data);
  const item = document.createElement("li");
  item.textContent = `${number}  ${text}`;
  list.prepend(item);
  while (list.children.length > 8) list.lastElementChild.remove();
});
