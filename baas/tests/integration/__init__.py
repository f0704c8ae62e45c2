# SPDX-License-Identifier: Apache-2.0
"""With real MariaDB, RabbitMQ and Keystone, and the lab."""
