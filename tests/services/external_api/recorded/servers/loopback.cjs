// For ``node --require``: a server that can only be told its port listens on loopback.
const { Server } = require("node:net");

const listen = Server.prototype.listen;
Server.prototype.listen = function (port, ...rest) {
  const given = typeof port === "object" ? port : { port };
  const then = rest.filter((one) => typeof one === "function");
  return listen.call(this, { ...given, host: "127.0.0.1" }, ...then);
};
