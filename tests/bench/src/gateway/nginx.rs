//! nginx as a reverse proxy from TLS to TLS, with connections kept on both sides, and nothing written down.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::role::Process;

const ENDING: Duration = Duration::from_millis(500);

/// Ends its workers with it.
pub struct Nginx {
    process: Process,
    pub address: SocketAddr,
}

impl Nginx {
    /// Nothing when it is not installed. `certificates` holds those of the gateway and the CA.
    pub async fn start(folder: &Path, service: SocketAddr) -> anyhow::Result<Option<Self>> {
        let Some(program) = program() else { return Ok(None) };
        let address = spare_ports::address()?;
        let own = folder.join("nginx");
        std::fs::create_dir_all(&own)?;
        let file = own.join("nginx.conf");
        std::fs::write(&file, configuration(folder, address, service))?;
        let mut command = Command::new(program);
        command.arg("-p").arg(&own).arg("-c").arg(&file).args(["-e", "error.log", "-g", "daemon off;"]);
        let process = Process::of(&mut command)?;
        for _ in 0..100 {
            if tokio::net::TcpStream::connect(address).await.is_ok() {
                return Ok(Some(Self { process, address }));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        anyhow::bail!("nginx does not listen: {}", std::fs::read_to_string(own.join("error.log")).unwrap_or_default())
    }

    pub fn id(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Nginx {
    /// Workers outlive a master that is killed: it is told to end them first.
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-TERM", &self.id().to_string()]).status();
        std::thread::sleep(ENDING);
    }
}

fn program() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let debian = [PathBuf::from("/usr/sbin")];
    std::env::split_paths(&path).chain(debian).map(|folder| folder.join("nginx")).find(|file| file.is_file())
}

fn configuration(folder: &Path, address: SocketAddr, service: SocketAddr) -> String {
    let folder = folder.display();
    format!(
        "user root;
worker_processes 2;
pid nginx.pid;
events {{ worker_connections 2048; }}
http {{
  access_log off;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
  upstream service {{ server {service}; keepalive 512; keepalive_requests 1000000; }}
  server {{
    listen {address} ssl backlog=1024;
    ssl_certificate {folder}/gateway.pem;
    ssl_certificate_key {folder}/gateway.key;
    ssl_protocols TLSv1.3;
    keepalive_requests 1000000;
    location / {{
      proxy_pass https://service;
      proxy_http_version 1.1;
      proxy_set_header Connection \"\";
      proxy_set_header Host $host;
      proxy_ssl_protocols TLSv1.3;
      proxy_ssl_name payroll.test;
      proxy_ssl_server_name on;
      proxy_ssl_verify on;
      proxy_ssl_trusted_certificate {folder}/ca.pem;
      proxy_buffers 32 8k;
    }}
  }}
}}
"
    )
}
