import { describeFaults } from '../support/faults.js'

describeFaults('etcd')
